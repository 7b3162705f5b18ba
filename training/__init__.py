"""From labelled data to the embedded model; needs the optional extra `train`."""
