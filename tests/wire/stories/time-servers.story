# Five time servers that a sensor asks: one tells the time, one is silent, one is not there, one does not
# know it, and one turns the sensor away. A question right before the end waits for its answer.
# finding: ntp-unreachable sensor>10.0.0.62
# finding: ntp-unreachable sensor>10.0.0.63
# finding: ntp-unfit sensor>10.0.0.64
# finding: ntp-unfit sensor>10.0.0.65
# findings: 4
host sensor 10.0.0.5 64
host good 10.0.0.61 64
host silent 10.0.0.62 64
host absent 10.0.0.63 64
host free 10.0.0.64 64
host kiss 10.0.0.65 64
host late 10.0.0.66 64
flow a sensor:123 good:123
flow b sensor:40001 silent:123
flow c sensor:40002 absent:123
flow d sensor:40003 free:123
flow e sensor:40004 kiss:123
flow l sensor:40005 late:123
0.000 ntp a >
0.010 ntp a < stratum=2 ahead=3
0.011 ntp b >
0.012 ntp c >
0.013 absent icmp 3 3 c
0.014 ntp d >
0.015 ntp d < stratum=16 leap=3
0.016 ntp e >
0.017 ntp e < stratum=0
1.011 ntp b >
1.500 ntp l >
expect
clock server=10.0.0.61:123 queries=1 answers=1 kind=time stratum=2
clock server=10.0.0.62:123 queries=2 !answers=1
clock server=10.0.0.64:123 kind=unsynchronised stratum=16
clock server=10.0.0.65:123 kind=kiss
flow src=10.0.0.5:40002 icmp=port-unreachable
