"""What a network and a site declare: dictionary, measures, rules, policy, roster, profiles."""
