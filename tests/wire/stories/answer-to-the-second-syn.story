# result: www.example:443 direct warn wire-loss sensor>endpoint
# exit: 0
# The first SYN got lost, and the second was answered after 20 ms.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460 ts=100/0
1.000 a > again syn mss=1460 ts=1100/0
1.020 a < syn ack mss=1400 ts=7/1100
1.021 a > ack
1.021 a > ack hello:www.example
1.042 a < ack server-hello:1.3 ccs data:2000
1.042 a > ack ccs data:53
1.063 a < ack data:300
1.063 a > ack data:19 fin
1.084 a < ack fin
1.084 a > ack
expect
flow src=10.0.0.5:40000 state=closed rtt_us=20000 again>=1 sni=www.example
