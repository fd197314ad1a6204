# result: 192.0.2.1:443 direct fail tcp-timeout sensor>endpoint
# A SYN is never answered; SYNs with a short time to live end at two routers. They are one trace, not more tries.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
host first 10.0.0.1 64
host second 10.0.7.1 63
flow a sensor:40000 server:443
flow b sensor:40001 server:443
flow c sensor:40002 server:443
flow d sensor:40003 server:443
0.000 a > syn mss=1460
1.000 a > again
2.000 b > syn mss=1460 ttl=1
2.001 first icmp 11 0 b
2.002 c > syn mss=1460 ttl=2
2.004 second icmp 11 0 c
2.005 d > syn mss=1460 ttl=3
3.005 d > again ttl=3
expect
flow src=10.0.0.5:40000 state=syn-sent syns>=2
flow src=10.0.0.5:40001 state=syn-sent icmp=ttl-exceeded from=10.0.0.1
flow src=10.0.0.5:40002 state=syn-sent icmp=ttl-exceeded from=10.0.7.1
