# A bridge and its port: each packet passes both. Out, the bridge is first; in, its port is.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow d sensor:40000 server:443
100.000 d > syn mss=1460
100.001 d > again iface=1
100.020 d < syn ack mss=1400 iface=1
100.021 d < again
100.022 d > ack
100.023 d > again iface=1
expect
flow other_iface=3 iface>=0 iface<=1 state=established
