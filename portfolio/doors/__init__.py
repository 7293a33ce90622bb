"""What every door shares: fragments, paging, versions, tokens and problems."""
