<%@page contentType="text/html;charset=ISO-8859-1" pageEncoding="UTF-8" buffer="1kb"%><!DOCTYPE html>
<html>
<head><title>Umsätze</title></head>
<body>
<h1>Umsätze für Köln</h1>
<% for (int row = 0; row < 400; row++) { %><p>Zeile <%= row %>: größer, schöner, süßer &mdash; 100 % Œuvre-frei</p>
<% } %>
<iframe title="Revenue" src="{{sigma_url}}" width="100%" height="500"></iframe>
<a href="{{sigma_url}}">Größer</a>
<p><%= request.getParameter("wort") == null ? "" : request.getParameter("wort") %></p>
<form method="post" action="report.jsp"><input name="wort"><input type="submit"></form>
</body>
</html>
