# result: 192.0.2.1:443 direct fail tcp-timeout sensor>endpoint
# The SYN leaves, nothing comes back; somebody else asks for the gateway and gets an answer.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 arp 10.0.0.5 10.0.0.1
0.001 arp-reply 10.0.0.1
0.002 arp 10.0.0.5 10.0.0.9
0.003 arp 10.0.0.5 10.0.0.9
0.010 a > syn mss=1460
1.010 a > again
3.010 a > again
expect
flow state=syn-sent syns>=3 again>=2 !packets<=1 repeat_frame=6
neighbour addr=10.0.0.1 requests=1 replies=1
neighbour addr=10.0.0.9 requests=2 replies=0
