{# Statistics of pairs, in double precision and plain sums, so that every engine says the same: corr() is nan on one
   and null on another where a series never changes. Nulls are caught first: least() and greatest() pass them over. #}

{# Pearson's correlation of two columns of a group; null where one of them is constant. Both are doubles without their
   mean, or small whole numbers such as ranks: of large numbers close together the squares would say nothing. #}
{% macro correlation(x, y) -%}
    {%- set spread_of_x = '(count(*) * sum(' ~ x ~ ' * ' ~ x ~ ') - sum(' ~ x ~ ') * sum(' ~ x ~ '))' -%}
    {%- set spread_of_y = '(count(*) * sum(' ~ y ~ ' * ' ~ y ~ ') - sum(' ~ y ~ ') * sum(' ~ y ~ '))' -%}
    case
        when
            min({{ x }}) < max({{ x }})
            and min({{ y }}) < max({{ y }})
            and {{ spread_of_x }} > 0
            and {{ spread_of_y }} > 0
            then least(1e0, greatest(
                -1e0,
                (count(*) * sum({{ x }} * {{ y }}) - sum({{ x }}) * sum({{ y }}))
                / (sqrt({{ spread_of_x }}) * sqrt({{ spread_of_y }}))
            ))
    end
{%- endmacro %}


{# The bounds of the 95 % interval of a correlation r of n pairs (Fisher): of the odds (1 + r) / (1 - r), whose logarithm
   varies by spread / (n - 3). Null for fewer than four pairs; a perfect correlation is its own interval. #}
{% macro correlation_low(r, n, spread) -%}
    {{ correlation_bound(r, n, spread, '-') }}
{%- endmacro %}

{% macro correlation_high(r, n, spread) -%}
    {{ correlation_bound(r, n, spread, '+') }}
{%- endmacro %}

{% macro correlation_bound(r, n, spread, sign) -%}
    {%- set odds = '((1e0 + ' ~ r ~ ') / (1e0 - ' ~ r ~ ') * exp(' ~ sign ~ '2e0 * 1.959964e0 * sqrt('
        ~ spread ~ ' / (' ~ n ~ ' - 3))))' -%}
    case
        when {{ r }} is null or {{ n }} <= 3 then null
        when abs({{ r }}) > 0.999999999e0 then {{ r }}
        else ({{ odds }} - 1e0) / ({{ odds }} + 1e0)
    end
{%- endmacro %}


{# How many standard errors Fisher's z of a correlation is away from 0; never more than 8, where nothing is left of
   the normal distribution. #}
{% macro correlation_distance(r, n, spread) -%}
    case
        when {{ r }} is null or {{ n }} <= 3 then null
        when abs({{ r }}) > 0.999999999e0 then 8e0
        else least(
            8e0, abs(0.5e0 * ln((1e0 + {{ r }}) / (1e0 - {{ r }}))) * sqrt(({{ n }} - 3) / {{ spread }})
        )
    end
{%- endmacro %}


{# How likely a standard normal number is at least so far from 0, on either side: erfc(distance / sqrt 2), by a Chebyshev
   fit that is right to 1.2 parts in ten million of its value wherever it stands. Written out: no engine but one has
   erf. The distance is the name of a column, 0 to 8. #}
{% macro two_sided_p(distance) -%}
    {%- set x = '(' ~ distance ~ ' * 0.7071067811865476e0)' -%}
    {%- set t = '(1e0 / (1e0 + 0.5e0 * ' ~ x ~ '))' -%}
    {%- set coefficients = [
        '-0.82215223e0', '1.48851587e0', '-1.13520398e0', '0.27886807e0', '-0.18628806e0', '0.09678418e0',
        '0.37409196e0', '1.00002368e0', '-1.26551223e0',
    ] -%}
    {%- set sum = namespace(of='0.17087277e0') -%}
    {%- for coefficient in coefficients -%}
        {%- set sum.of = coefficient ~ ' + ' ~ t ~ ' * (' ~ sum.of ~ ')' -%}
    {%- endfor -%}
    case when {{ distance }} is not null then least(1e0, {{ t }} * exp(-{{ x }} * {{ x }} + {{ sum.of }})) end
{%- endmacro %}
