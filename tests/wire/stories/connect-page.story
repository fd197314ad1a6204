# An error page with a body, cut into odd pieces.
host sensor 10.0.0.5 64
host hop1 10.0.1.1 63
flow a sensor:40000 hop1:3128
0.000 a > syn mss=1460
0.001 a < syn ack mss=1400
0.002 a > ack
0.003 a > ack connect:www.example:443
0.004 a < ack text:HTTP/1.1\_503\_Service\_Unavail
0.005 a < ack text:able\r\nContent-Length:\_66\r\nVia:\_1.1\_p1\_(squid/5.7)\r\n\r\n<title>ERR
0.006 a < ack text:OR</title><p>Generated\_today\_by\_p1\_(squid/5.7)\_\_\_\_\_</p>___
expect
flow status=503 reason=Service_Unavailable title=ERROR via=1.1_p1_(squid/5.7)
