// the script comes here
