/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "number_spin_private.h"

#include <string.h>
#include "spreadglass/base/decimal.h"

gboolean sg_number_of_text(const char *text, double *ret_value)
{
    g_autofree char *plain = g_strstrip(g_strdup(text));
    g_strdelimit(plain, ",", '.');
    double value;
    if (sg_decimal_to_double(plain, strlen(plain), &value) != SG_OK)
        return FALSE;
    *ret_value = value;
    return TRUE;
}

static int on_input(GtkSpinButton *spin, double *ret_value, gpointer data)
{
    (void)data;
    return sg_number_of_text(gtk_editable_get_text(GTK_EDITABLE(spin)), ret_value) ? TRUE : GTK_INPUT_ERROR;
}

static gboolean on_output(GtkSpinButton *spin, gpointer data)
{
    (void)data;
    char text[SG_DECIMAL_BUF];
    sg_decimal_from_double_fixed(gtk_spin_button_get_value(spin), (int)gtk_spin_button_get_digits(spin), text);
    if (strcmp(gtk_editable_get_text(GTK_EDITABLE(spin)), text) != 0)
        gtk_editable_set_text(GTK_EDITABLE(spin), text);
    return TRUE;
}

GtkWidget *sg_number_spin_new(double low, double high, double step, guint digits)
{
    GtkWidget *spin = gtk_spin_button_new_with_range(low, high, step);
    gtk_spin_button_set_digits(GTK_SPIN_BUTTON(spin), digits);
    g_signal_connect(spin, "input", G_CALLBACK(on_input), NULL);
    g_signal_connect(spin, "output", G_CALLBACK(on_output), NULL);
    gtk_spin_button_update(GTK_SPIN_BUTTON(spin));
    return spin;
}
