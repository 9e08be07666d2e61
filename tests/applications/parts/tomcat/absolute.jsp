<%-- As old applications do it: an absolute redirect, built from what the request says of the server. --%><%
  String server = request.getScheme() + "://" + request.getServerName() + ":" + request.getServerPort();
  response.setStatus(302);
  response.setHeader("Location", server + "/report.jsp?wort=umgeleitet");
%>
