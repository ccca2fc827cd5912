-- Words of titles as people search for them, and indexes that find the jobs of many pages at once.

-- The words of a title or a search: lower case, without accents, split at everything that is neither a letter nor a digit.
-- A word with `+` or `#` behind it is there with and without them: `C++ / C#` is c, c, c++ and c#.
-- Characters are listed by number, because classes such as [[:alnum:]] depend on the locale of the database.
-- Lengths are limited, because array_to_tsvector checks neither that of a word (2,046 bytes) nor that of all (1 MB).
create function title_words(title text) returns text[] language sql immutable strict parallel safe
return array(
  select left(word, 100)
  from (
    select case
      when octet_length(title) = char_length(title) then lower(left(title, 10000))
      else translate(
        replace(replace(replace(
          lower(regexp_replace(
            normalize(left(title, 10000), nfkd),
            '[\u0300-\u036F\u0483-\u0487\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u064B-\u065F\u0670\u1AB0-\u1AFF\u1DC0-\u1DFF\u200B-\u200F\u20D0-\u20FF\uFE00-\uFE0F\uFE20-\uFE2F]',
            '', 'g')),
          'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
        'ØøŁłĐđĦħŦŧıς', 'oollddhhttiσ')
      end as folded
    -- Computed once, because it is used several times.
    offset 0
  ) as text,
  unnest(
    regexp_split_to_array(
      folded,
      '[+#\u0001-\u0022\u0024-\u002A\u002C-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u00D7\u00F7\u055A-\u055F\u0589\u058A\u05BE\u05C0\u05C3\u05C6\u05F3\u05F4\u060C\u061B\u061F\u066A-\u066D\u06D4\u0964\u0965\u2000-\u206F\u20A0-\u20CF\u2190-\u2BFF\u2E00-\u2E7F\u3000-\u3004\u3008-\u3020\u3030\u303D\u30FB\uD800-\uF8FF\uFE10-\uFE1F\uFE30-\uFE4F\uFF5F-\uFF65\uFFFC\uFFFD\U0001F000-\U0001FAFF]+')
    || case when folded ~ '[+#]' then array(
      select found[1] from regexp_matches(
        folded,
        '([^+#\u0001-\u0022\u0024-\u002A\u002C-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u00D7\u00F7\u055A-\u055F\u0589\u058A\u05BE\u05C0\u05C3\u05C6\u05F3\u05F4\u060C\u061B\u061F\u066A-\u066D\u06D4\u0964\u0965\u2000-\u206F\u20A0-\u20CF\u2190-\u2BFF\u2E00-\u2E7F\u3000-\u3004\u3008-\u3020\u3030\u303D\u30FB\uD800-\uF8FF\uFE10-\uFE1F\uFE30-\uFE4F\uFF5F-\uFF65\uFFFC\uFFFD\U0001F000-\U0001FAFF]+[+#]+)',
        'g') as found
    ) end
  ) as word
  where word <> ''
);
grant execute on function title_words to job_analytics_worker;

-- The index of words goes with its column.
alter table jobs drop column title_words;
alter table jobs add column title_words tsvector not null generated always as (array_to_tsvector(title_words(title))) stored;
create index jobs_organization_words on jobs using gin ((array[organization_id]), title_words) with (fastupdate = off);

-- The jobs of many paths at once. A path may be longer than an index entry of Postgres; its hash never is.
create function path_hashes(paths text[]) returns bigint[] language sql immutable strict parallel safe
return array(select hashtextextended(path, 0) from unnest(paths) as path);
grant execute on function path_hashes to job_analytics_worker;
create index jobs_organization_path on jobs (organization_id, hashtextextended(path, 0));
create index jobs_organization_paths on jobs using gin ((array[organization_id]), path_hashes(paths))
  with (fastupdate = off) where paths <> '{}';
