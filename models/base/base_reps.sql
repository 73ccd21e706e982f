{{ raw_entity('reps') }}
