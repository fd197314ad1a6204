# Recorded at the proxy: what it asks and connects to itself is not the sensor's, and no leak.
# args: --proxy http://192.168.1.1:3128
# result: www.example:443 hop1 fail proxy-upstream-timeout hop1>endpoint
# note: 1 connection comes from a proxy's own address: a way on from there, not the sensor's own; of these failed 192.168.1.1 to 192.0.2.1:443: no answer (frame 7)
host sensor 10.0.0.5 64
host resolver 10.0.0.53 64
host hop1 192.168.1.1 64
host server 192.0.2.1 57
flow q hop1:5353 resolver:53
flow a sensor:40000 hop1:3128
flow b hop1:41000 server:443
0.000 a > syn mss=1460
0.001 a < syn ack mss=1460
0.002 a > ack
0.003 a > ack connect:www.example:443
0.004 dns q > www.example A id=1
0.005 dns q < www.example A rcode=0 192.0.2.1
0.006 b > syn mss=1460
1.006 b > again
3.006 b > again
5.010 a < ack text:HTTP/1.1\_503\_Service\_Unavailable\r\nX-Squid-Error:\_ERR_CONNECT_FAIL\_110\r\nContent-Length:\_2\r\n\r\nno
5.011 a > fin ack
5.012 a < fin ack
5.013 a > ack
expect
flow src=192.168.1.1:41000 state=syn-sent
