# The proxy wants a login for a page too, and gets it over the same connection.
# args: --proxy http://192.168.1.1:3128
# result: crl.example:80 hop1 fail app-refused endpoint
# says: no certificate revocation list
host sensor 10.0.0.5 64
host hop1 192.168.1.1 63
flow a sensor:40000 hop1:3128
0.000 a > syn mss=1460
0.001 a < syn ack mss=1460
0.002 a > ack
0.003 a > ack text:GET\_http://crl.example/list.crl\_HTTP/1.1\r\nHost:\_crl.example\r\n\r\n
0.004 a < ack text:HTTP/1.1\_407\_Auth\r\nProxy-Authenticate:\_Basic\_realm="x"\r\nContent-Length:\_2\r\n\r\nno
0.005 a > ack text:GET\_http://crl.example/list.crl\_HTTP/1.1\r\nHost:\_crl.example\r\nProxy-Authorization:\_Basic\_QUJD\r\n\r\n
0.006 a < ack text:HTTP/1.1\_200\_OK\r\nContent-Type:\_text/html\r\nContent-Length:\_20\r\n\r\n<title>Page</title>_
0.007 a > fin ack
0.008 a < fin ack
0.009 a > ack
expect
flow page=407 page=200 page-title=Page
