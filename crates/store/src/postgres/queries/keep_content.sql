INSERT INTO content (digest, number) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING;
