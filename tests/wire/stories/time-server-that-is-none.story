# What answers at the port is no time server; a later answer that nobody waits for counts for nothing.
# finding: ntp-unfit sensor>10.0.0.61
# findings: 1
host sensor 10.0.0.5 64
host odd 10.0.0.61 64
flow a sensor:40001 odd:123
0.000 ntp a >
0.010 ntp a < len=4
0.020 ntp a < stratum=2
1.500 ntp a > len=8
expect
clock server=10.0.0.61:123 queries=1 answers=1 kind=broken
