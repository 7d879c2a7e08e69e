// host/utility/units.h -- numbers as the reference's utilities print them.
#ifndef HOST_UTILITY_UNITS_H_INCLUDED
#define HOST_UTILITY_UNITS_H_INCLUDED

#include <stddef.h>

#define UNITS_MAX 64U // bytes of any of these with its NUL

// "512 B", "1.50 KB": powers of 1000.
void units_size(double bytes, char out[UNITS_MAX]);

// "12.00 Kbps" of bytes a second.
void units_rate(double bytes_per_second, char out[UNITS_MAX]);

// "1d, 2h, 3m and 4.5s"; "0s" for nothing. Hundredths of a second, or whole ones.
void units_time(double seconds, char out[UNITS_MAX]);
void units_time_whole(double seconds, char out[UNITS_MAX]);

// Rounded to so many places (9 at most), without zeros at the end but for one: "1.5", "2.0".
void units_decimal(double value, int places, char out[UNITS_MAX]);

#endif
