# A client that asks for the address, where the name works as well, wants the address: no experiment.
# args: --proxy http://10.0.1.1:3128
# result: www.example:443 hop1 pass None None
# result: 192.0.2.1:443 hop1 fail proxy-denied hop1
host sensor 10.0.0.5 64
host resolver 10.0.0.53 64
host hop1 10.0.1.1 63
flow q sensor:5353 resolver:53
flow a sensor:40000 hop1:3128
flow b sensor:40001 hop1:3128
0.000 dns q > www.example A id=1
0.001 dns q < www.example A rcode=0 192.0.2.1
0.010 a > syn mss=1460
0.011 a < syn ack mss=1460
0.012 a > ack
0.013 a > ack connect:www.example:443
0.014 a < ack status:200
0.017 a > ack hello:www.example
0.027 a < ack server-hello:1.3 data:900
0.028 a > ack data:53
0.040 a < ack data:200
1.000 b > syn mss=1460
1.001 b < syn ack mss=1460
1.002 b > ack
1.003 b > ack connect:192.0.2.1:443
1.004 b < ack status:403
1.005 b > fin ack
1.006 b < fin ack
1.007 b > ack
expect
flow src=10.0.0.5:40001 connect=192.0.2.1:443
