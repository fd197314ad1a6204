# result: [2001:db8:1::1]:443 direct fail net-prohibited sensor>endpoint
host sensor 2001:db8::5 64
host server 2001:db8:1::1 57
host router 2001:db8:7::1 63
flow a sensor:40000 server:443
0.000 a > syn mss=1440
0.005 router icmp 1 1 a
1.000 a > again
1.005 router icmp 1 0 a
expect
flow icmp=admin-prohibited icmp=no-route from=2001:db8:7::1 syns>=2
