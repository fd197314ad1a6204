# The answer comes in three IP fragments.
host sensor 10.0.0.5 64
host resolver 10.0.0.53 62
flow q sensor:50000 resolver:53
0.000 dns q > www.example A id=11
0.010 dns q < www.example A id=11 frag=48 cname=a-rather-long-name-for-an-edge.example 192.0.2.1
expect
dns name=www.example rcode=NOERROR address=192.0.2.1
