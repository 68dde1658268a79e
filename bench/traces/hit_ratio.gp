# Hit ratio against size, a panel for each trace: gnuplot -e "data='FILE'; picture='FILE'" hit_ratio.gp
names = system("sed -n 's/^#trace //p' '" . data . "'")
panels = words(names)
columns = panels > 2 ? 2 : panels
rows = (panels + columns - 1) / columns
set terminal svg size 480 * columns, 300 * rows + 40 font 'sans-serif,12' background rgb 'white'
set termoption noenhanced
set output picture
set multiplot layout rows, columns title 'Hit ratio of an in-memory store, replayed' font ',14'
set logscale x
set xtics ('0.1 %%' 0.1, '0.3 %%' 0.3, '1 %%' 1, '3 %%' 3, '10 %%' 10)
set xrange [0.08:12]
set xlabel 'entries, of the unique keys'
set ylabel 'hits, %'
set yrange [0:*]
set grid ytics lc rgb '#dddddd'
set border 3
set tics nomirror
set key left top Left reverse samplen 1.5 spacing 0.9 font ',9'
colours = '#0072b2 #d55e00 #009e73 #cc79a7 #e69f00 #56b4e9 #999999 #000000'
do for [i = 0 : panels - 1] {
  set title word(names, i + 1)
  if (i == (panels > 4 ? 4 : 0)) { set key on bottom right } else { set key off }
  plot for [p = 2 : 8] data index i using 1:p with linespoints pt 7 ps 0.4 lw (p == 2 ? 2.5 : 1.2) \
    lc rgb word(colours, p - 1) title columnhead(p), \
    data index i using 1:9 with lines dt 2 lc rgb word(colours, 8) title columnhead(9)
}
unset multiplot
