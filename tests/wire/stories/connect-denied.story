# result: www.example:443 hop1 fail proxy-denied hop1
# Two tries on one connection: 407, then with credentials 403. The credentials' place is known.
host sensor 10.0.0.5 64
host hop1 10.0.1.1 63
flow a sensor:40000 hop1:3128
0.000 a > syn mss=1460
0.001 a < syn ack mss=1400
0.002 a > ack
0.003 a > ack connect:www.example:443
0.004 a < ack text:HTTP/1.1\_407\_No\r\nProxy-Authenticate:\_Basic\_realm="x"\r\nVia:\_1.1\_p1\r\nContent-Length:\_5\r\n\r\nhello
0.005 a > ack connect:www.example:443 auth:Basic_dXNlcjpwYXNz part=0-80
0.0051 a > ack connect:www.example:443 auth:Basic_dXNlcjpwYXNz part=80-200
0.006 a < ack text:HTTP/1.1\_403\_Forbidden\r\nVia:\_1.1\_p2\r\nContent-Length:\_3068\r\nConnection:\_close\r\n\r\n
0.007 a < ack fin
expect
flow connect=www.example:443 status=407 challenge=Basic_realm="x" auth=Basic status=403 via=1.1_p2 length=3068 body=0 cut complete
secret len=12
