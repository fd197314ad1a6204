# result: gone.example:443 direct fail dns-nxdomain resolver
# result: slow.example:443 direct fail dns-timeout resolver
host sensor 10.0.0.5 64
host resolver 10.0.0.53 62
flow q sensor:50000 resolver:53
flow r sensor:50001 resolver:53
0.000 dns q > www.example A id=11
0.001 dns q > www.example AAAA id=12
0.010 dns q < www.example A id=11 cname=edge.example 192.0.2.1 192.0.2.2
0.011 dns q < www.example AAAA id=12
0.020 dns r > gone.example A id=13
0.030 dns r < gone.example A id=13 rcode=3
1.000 dns r > slow.example A id=14
6.000 dns r > slow.example A id=14
7.000 dns r > big.example A id=15
7.010 dns r < big.example A id=15 tc
8.000 dns r < never.asked A id=16 192.0.2.9
expect
dns name=www.example type=A queries=1 udp rcode=NOERROR us=10000 cname=edge.example address=192.0.2.1 address=192.0.2.2
dns name=www.example type=AAAA rcode=NOERROR !address=192.0.2.1
dns name=gone.example rcode=NXDOMAIN client=10.0.0.5:50001
dns name=slow.example silent queries=2
dns name=big.example truncated
no dns name=never.asked
flow src=10.0.0.5:50000 dst=10.0.0.53:53 proto=udp state=datagrams packets>=2 packets<=2
