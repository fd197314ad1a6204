# The second of two proxies, asked through the first, says nothing on a CONNECT and answers for its
# own page: within the tunnel to it, as in the open.
# args: --proxy http://192.168.1.1:3128 --proxy http://192.168.2.1:3128 --chain nested
# result: www.example:443 hop1>hop2 fail proxy-upstream-timeout hop2>endpoint
host sensor 10.0.0.5 64
host hop1 192.168.1.1 63
flow a sensor:40000 hop1:3128
flow b sensor:40001 hop1:3128
flow c sensor:40002 hop1:3128
0.010 a > syn mss=1460
0.011 a < syn ack mss=1460
0.012 a > ack
0.013 a > ack connect:192.168.2.1:3128
0.014 a < ack status:200
0.015 a > ack connect:www.example:443
0.016 a < ack
3.015 a > fin ack
3.016 a < fin ack
3.017 a > ack
3.100 b > syn mss=1460
3.101 b < syn ack mss=1460
3.102 b > ack
3.103 b > ack connect:192.168.2.1:3128
3.104 b < ack status:200
3.105 b > ack text:GET\_/\_HTTP/1.1\r\nHost:\_192.168.2.1:3128\r\n\r\n
3.106 b < ack text:HTTP/1.1\_400\_Bad\_Request\r\nContent-Length:\_2\r\nVia:\_1.1\_p2\r\n\r\nno
3.107 b > fin ack
3.108 b < fin ack
3.109 b > ack
4.500 c > syn mss=1460
4.501 c < syn ack mss=1460
4.502 c > ack
4.503 c > fin ack
4.504 c < fin ack
4.505 c > ack
expect
flow src=10.0.0.5:40001 request=GET page=400
