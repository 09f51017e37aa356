"""What needs a person, what is late and what comes next: lines that each lead to where it is done."""
