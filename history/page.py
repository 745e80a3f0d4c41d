def text(records):
    return ""
