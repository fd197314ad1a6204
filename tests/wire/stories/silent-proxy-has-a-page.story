# The proxy says nothing when it is asked for a tunnel, and has a page of its own: it is alive, and
# waits for its next connection.
# args: --proxy http://192.168.1.1:3128
# result: www.example:443 hop1 fail proxy-upstream-timeout hop1>endpoint
host sensor 10.0.0.5 64
host resolver 10.0.0.53 64
host hop1 192.168.1.1 63
host server 192.0.2.1 57
flow q sensor:5353 resolver:53
flow a sensor:40000 hop1:3128
flow b sensor:40001 hop1:3128
flow d sensor:40003 hop1:3128
0.000 dns q > www.example A id=1
0.001 dns q < www.example A rcode=0 192.0.2.1
0.010 a > syn mss=1460
0.011 a < syn ack mss=1460
0.012 a > ack
0.013 a > ack connect:www.example:443
0.014 a < ack
3.013 a > fin ack
3.014 a < fin ack
3.015 a > ack
3.100 b > syn mss=1460
3.101 b < syn ack mss=1460
3.102 b > ack
3.103 b > ack text:GET\_/\_HTTP/1.1\r\nHost:\_192.168.1.1:3128\r\n\r\n
3.104 b < ack text:HTTP/1.1\_400\_Bad\_Request\r\nContent-Length:\_2\r\nVia:\_1.1\_p1\r\n\r\nno
3.105 b > fin ack
3.106 b < fin ack
3.107 b > ack
4.500 d > syn mss=1460
4.501 d < syn ack mss=1460
4.502 d > ack
4.503 d > ack connect:www.example:443
4.504 d < ack
7.503 d > fin ack
7.504 d < fin ack
7.505 d > ack
expect
flow src=10.0.0.5:40001 request=GET page=400 !connect=/
