# Every second connection to the proxy is refused, and all of them were for one endpoint.
# args: --proxy http://192.168.1.1:3128
# result: www.example:443 hop1 fail intermittent sensor>hop1
host sensor 10.0.0.5 64
host hop1 192.168.1.1 63
flow a sensor:40000 hop1:3128
flow b sensor:40001 hop1:3128
0.010 a > syn mss=1460
0.011 a < rst ack
1.010 b > syn mss=1460
1.020 b < syn ack mss=1400
1.021 b > ack
1.022 b > ack connect:www.example:443
1.023 b < ack status:200
1.024 b > ack hello:www.example
1.042 b < ack server-hello:1.3
1.043 b < ack ccs
1.044 b < ack data:900
1.045 b > ack ccs
1.046 b > ack data:53
1.050 b > fin ack
1.051 b < fin ack
1.052 b > ack
expect
flow src=10.0.0.5:40001 finished
