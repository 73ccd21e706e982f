{# The names of the world's time zones are known, an invented one is not. #}
with

zones as (

    {{ known_time_zones() }}

),

counted as (

    select
        count(
            distinct case
                when time_zone in ('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Sydney')
                    then time_zone
            end
        ) as known,
        count(case when time_zone in ('Mars/Olympus', '') then 1 end) as invented

    from zones

)

select * from counted
where known != 5 or invented != 0
