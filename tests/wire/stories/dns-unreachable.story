# result: www.example:443 direct fail dns-unreachable resolver
host sensor 10.0.0.5 64
host resolver 10.0.0.53 62
flow q sensor:50000 resolver:53
0.000 dns q > www.example A id=11
0.001 resolver icmp 3 3 q
expect
dns name=www.example silent
flow proto=udp icmp=port-unreachable from=10.0.0.53
