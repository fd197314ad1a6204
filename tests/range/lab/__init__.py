"""The test range: a network of namespaces with real servers, in which faults are put on purpose."""
