# One connection through the proxy, one past it: the proxy was required.
# args: --proxy http://10.0.1.1:3128
# result: www.example:443 hop1 warn wire-leak sensor
host sensor 10.0.0.5 64
host hop1 10.0.1.1 63
host server 192.0.2.1 57
flow p sensor:40000 hop1:3128
flow d sensor:40001 server:443
0.000 p > syn mss=1460
0.001 p < syn ack mss=1400
0.002 p > ack
0.003 p > ack connect:www.example:443
0.004 p < ack status:200
0.007 p > ack hello:www.example
0.027 p < ack server-hello:1.3 data:900
0.028 p > ack data:53
0.040 p < ack data:200
5.000 d > syn mss=1460
5.020 d < syn ack mss=1460
5.021 d > ack
5.022 d > ack hello:www.example
5.042 d < ack server-hello:1.3 data:900
5.043 d > ack data:53
5.060 d < ack data:200
expect
flow dst=10.0.1.1:3128 finished
flow dst=192.0.2.1:443 finished
