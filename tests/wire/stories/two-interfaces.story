# The same packets on a second interface, routed: they are counted and otherwise ignored.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.001 a > again iface=1 ttl=63
0.020 a < syn ack mss=1400 iface=1
0.021 a < again ttl=56
0.022 a > ack
expect
flow other_iface=2 !again>=1 iface<=1 state=established
interface name=if0 packets=3 dropped=0
interface name=if1 packets=2 dropped=0
