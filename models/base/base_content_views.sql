{{ raw_entity('content_views') }}
