# result: 192.0.2.1:443 direct fail tcp-timeout sensor>endpoint
# Routers that stand in for each other answer with an address of all of them (VRRP, HSRP, GLBP), beside their
# own; who looks whether an address is free (RFC 5227) claims none, and nobody's address is no claim.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 arp-reply 10.0.0.1 mac=00:1b:21:5a:00:01
0.001 arp-reply 10.0.0.1 mac=00:00:5e:00:01:07
0.002 arp-reply 10.0.0.1 mac=00:00:0c:07:ac:07
0.003 arp-reply 10.0.0.1 mac=00:00:0c:9f:f0:07
0.004 arp-reply 10.0.0.1 mac=00:07:b4:00:07:02
0.005 arp-reply 10.0.0.1
0.006 arp 0.0.0.0 10.0.0.9 mac=00:1b:21:5a:00:09
0.007 arp 0.0.0.0 10.0.0.9 mac=00:1b:21:5a:00:0a
0.010 a > syn mss=1460
1.010 a > again
3.010 a > again
expect
claim addr=10.0.0.1 machines=1 mac=00:1b:21:5a:00:01
no claim addr=0.0.0.0
no claim addr=10.0.0.9
