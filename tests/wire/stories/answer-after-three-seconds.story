# result: www.example:443 direct warn slow sensor>endpoint
# exit: 0
# The answer to the first SYN takes three seconds; meanwhile the kernel repeats it, and the server its answer: nothing was lost.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460 ts=100/0
1.000 a > again syn mss=1460 ts=1100/0
3.000 a < syn ack mss=1400 ts=7/100
3.000 a > ack
4.000 a < again syn ack mss=1400 ts=1007/1100
4.000 a > ack
3.001 a > ack hello:www.example
6.002 a < ack server-hello:1.3 ccs data:2000
6.002 a > ack ccs data:53
9.003 a < ack data:300
9.003 a > ack data:19 fin
12.004 a < ack fin
12.004 a > ack
expect
flow src=10.0.0.5:40000 state=closed rtt_us=3000000 again>=1 needless>=1 again<=1 needless<=1 sni=www.example
