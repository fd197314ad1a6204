# result: 192.0.2.1:443 direct fail tcp-timeout sensor>endpoint
# says: the sensor's own address 10.0.0.5 is theirs: 00:1b:21:5a:00:05 and 00:1b:21:5a:00:66
# note: 10.0.0.5 is theirs: 00:1b:21:5a:00:05 and 00:1b:21:5a:00:66
# The sensor answers for its address, and another machine asks for the router in its name.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 arp 10.0.0.5 10.0.0.1 mac=00:1b:21:5a:00:05
0.001 arp-reply 10.0.0.1 mac=00:1b:21:5a:00:01
0.010 a > syn mss=1460
0.500 arp 10.0.0.5 10.0.0.1 mac=00:1b:21:5a:00:66
0.501 arp-reply 10.0.0.1 mac=00:1b:21:5a:00:01
1.010 a > again
3.010 a > again
expect
claim addr=10.0.0.5 machines=2 mac=00:1b:21:5a:00:05 mac=00:1b:21:5a:00:66
claim addr=10.0.0.1 machines=1 mac=00:1b:21:5a:00:01
