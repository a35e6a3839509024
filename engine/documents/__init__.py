"""Rule documents: the JSON that authors, packs and exports hold, checked as a whole and read into typed values."""
