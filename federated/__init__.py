"""The science: what is asked, how a site answers, how answers combine."""
