# args: --proxy http://10.0.1.1:3128
# note: 1 connection begins with SOCKS version 4, and 10.0.1.1:3128 did not answer in it (the first in frame 4, from 10.0.0.5)
# A program whose proxy setting has the wrong type: Squid finds no request in what it says.
host sensor 10.0.0.5 64
host hop1 10.0.1.1 63
flow a sensor:40000 hop1:3128
0.000 a > syn mss=1460
0.001 a < syn ack mss=1400
0.002 a > ack
0.003 a > ack text:\4\1\1\1www1\0
0.004 a < ack text:HTTP/1.1\_400\_Bad\_Request\r\nServer:\_squid/5.7\r\nContent-Length:\_2\r\n\r\nno
0.005 a < fin ack
0.006 a > fin ack
expect
flow src=10.0.0.5:40000 socks=4
