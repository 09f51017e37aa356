"""Power Platform read from its administration interfaces, live or recorded. Built from Microsoft's documentation."""
