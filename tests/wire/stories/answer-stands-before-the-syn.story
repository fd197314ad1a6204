# Two interfaces, each with a queue of its own: the answer that came in over the second is written first.
link ethernet
format pcapng
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460 lost
0.020 a < syn ack mss=1400 iface=1
0.000 a > again
0.021 a > ack
0.022 a > ack hello:www.example
0.050 a < ack server-hello:1.3 iface=1
expect
flow src=10.0.0.5:40000 state=established rtt_us=20000 sni=www.example
file packets=5 flows=1
