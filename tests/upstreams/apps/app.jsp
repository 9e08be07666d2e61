<%@ page contentType="application/json; charset=UTF-8" import="java.util.*,java.nio.file.*" trimDirectiveWhitespaces="true" %><%!
  // Writes down what a servlet reads of a request, and says it back.
  static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) out.append(c < 32 || c > 126 || c == '"' || c == '\\' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
    return out.append('"').toString();
  }
%><%
  StringBuilder env = new StringBuilder();
  for (String name : Collections.list(request.getHeaderNames())) {
    String value = quoted(name) + ":" + quoted(String.join(",", Collections.list(request.getHeaders(name))));
    env.append(env.length() == 0 ? "" : ",").append(value);
  }
  String user = request.getRemoteUser();
  if (user != null) env.append(",\"REMOTE_USER\":").append(quoted(user));
  String body = new String(request.getInputStream().readAllBytes(), "ISO-8859-1");
  String asked = (String) request.getAttribute("jakarta.servlet.forward.request_uri");
  String query = (String) request.getAttribute("jakarta.servlet.forward.query_string");
  String target = asked == null ? request.getRequestURI() : asked;
  String line = "{\"asks\":" + quoted(request.getMethod() + " " + target + (query == null ? "" : "?" + query)) + ",\"env\":{" + env + "},\"body\":" + quoted(body) + "}";
  Files.write(Paths.get(System.getenv("APP_LOG")), (line + "\n").getBytes("UTF-8"), StandardOpenOption.APPEND, StandardOpenOption.CREATE);
  response.setHeader("X-App", "yes");
  response.setContentLength(line.length());
  out.write(line);
%>
