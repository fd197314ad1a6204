# One connection to the proxy asks pages of two hosts: a list that it denies, and one that it brings.
# The first answer comes in chunks. What asks for revocation is optional, and warns all the same.
# args: --proxy http://192.168.1.1:3128
# result: crl.example:80 hop1 fail proxy-denied hop1
# result: other.example:8080 hop1 pass None None
# exit: 0
host sensor 10.0.0.5 64
host hop1 192.168.1.1 63
flow a sensor:40000 hop1:3128
0.000 a > syn mss=1460
0.001 a < syn ack mss=1460
0.002 a > ack
0.003 a > ack text:GET\_http://crl.example/list.crl\_HTTP/1.1\r\nHost:\_crl.example\r\n\r\n
0.004 a < ack text:HTTP/1.1\_403\_Forbidden\r\nX-Squid-Error:\_ERR_ACCESS_DENIED\r\nTransfer-Encoding:\_chunked\r\n\r\n15\r\n<title>Nope!!</title>\r\n0\r\n\r\n
0.005 a > ack text:GET\_http://other.example:8080/a\_HTTP/1.1\r\nHost:\_other.example:8080\r\n\r\n
0.006 a < ack text:HTTP/1.1\_200\_OK\r\nContent-Length:\_2\r\n\r\nok
0.007 a > fin ack
0.008 a < fin ack
0.009 a > ack
expect
flow request=GET path=http://crl.example/list.crl page=403 page-title=Nope!! path=http://other.example:8080/a page=200
