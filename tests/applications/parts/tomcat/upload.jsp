<%@page contentType="text/plain;charset=UTF-8" import="java.io.InputStream,java.security.MessageDigest" trimDirectiveWhitespaces="true"%>
<%
  MessageDigest digest = MessageDigest.getInstance("SHA-256");
  long size = 0;
  byte[] buffer = new byte[65536];
  try (InputStream file = request.getPart("file").getInputStream()) {
    for (int read = file.read(buffer); read > 0; read = file.read(buffer)) {
      digest.update(buffer, 0, read);
      size += read;
    }
  }
  StringBuilder hex = new StringBuilder();
  for (byte one : digest.digest()) hex.append(String.format("%02x", one));
  out.print(request.getParameter("note") + " " + size + " " + hex);
%>
