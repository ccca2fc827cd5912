-- What the operator's commands keep beside what the Worker reads; its role sees neither column.

-- What an organization's DNS has to show before its domain counts as verified; random, and new with every domain.
alter table organizations add column domain_challenge text check (domain_challenge <> '');

-- When a successor was issued; the key itself lives on until the end of its grace, which is then its expires_at.
alter table api_keys add column rotated_at timestamptz;
