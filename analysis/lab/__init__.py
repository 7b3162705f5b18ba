"""What the notebooks for exploring and labelling are made of: logic first, widgets around it."""
