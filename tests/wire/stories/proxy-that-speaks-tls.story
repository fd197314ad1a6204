# The proxy closes what is asked in the clear, and shakes hands in TLS: its URL begins with https.
# args: --proxy http://10.0.1.1:3128
# result: www.example:443 hop1 fail proxy-closed hop1
# says: It speaks TLS
host sensor 10.0.0.5 64
host hop1 10.0.1.1 63
flow a sensor:40000 hop1:3128
flow b sensor:40001 hop1:3128
0.010 a > syn mss=1460
0.011 a < syn ack mss=1460
0.012 a > ack
0.013 a > ack connect:www.example:443
0.014 a < fin ack
0.015 a > fin ack
0.016 a < ack
0.100 b > syn mss=1460
0.101 b < syn ack mss=1460
0.102 b > ack
0.103 b > ack hello:hop1.example
0.110 b < ack server-hello:1.3 data:900
0.111 b > ack data:53
0.120 b > fin ack
0.121 b < fin ack
0.122 b > ack
expect
flow src=10.0.0.5:40001 finished
