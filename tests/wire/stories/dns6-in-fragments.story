host sensor 2001:db8::5 64
host resolver 2001:db8::53 62
flow q sensor:50000 resolver:53
0.000 dns q > www.example AAAA id=11
0.010 dns q < www.example AAAA id=11 frag=48 cname=a-rather-long-name-for-an-edge.example 2001:db8::77
expect
dns name=www.example rcode=NOERROR address=2001:db8::77
