/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "number_spin_private.h"

#include <math.h>
#include <string.h>
#include "spreadglass/base/decimal.h"

#define DECIMALS_MAX 9

struct number {
    char *name;
    sg_number_say say;
    sg_number_check check;
    gpointer say_context, check_context;
    gboolean is_refused; /* and that was said */
};

/* ---- text and number ---- */

/* "10,000": groups of three after one to three digits. */
static gboolean is_grouped(const char *text, char sign)
{
    const char *at = text + (text[0] == '-');
    gsize first = strspn(at, "0123456789");
    if (first < 1 || first > 3 || at[first] != sign)
        return FALSE;
    for (at += first; at[0] == sign; at += 4)
        if (strspn(at + 1, "0123456789") != 3)
            return FALSE;
    return at[0] == '\0';
}

static void remove_sign(char *text, char sign)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++)
        if (*from != sign)
            *to++ = *from;
    *to = '\0';
}

/* Every kind of space as one, every minus as one; at the ends none. */
static char *plain_text(const char *text)
{
    GString *plain = g_string_new(NULL);
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (g_unichar_isspace(c) || c == 0x2009 || c == 0x202f || c == 0x00a0)
            g_string_append_c(plain, ' ');
        else if (c == 0x2212)
            g_string_append_c(plain, '-');
        else
            g_string_append_unichar(plain, c);
    }
    return g_strstrip(g_string_free(plain, FALSE));
}

gboolean sg_number_of_text(const char *text, gboolean whole, double *ret_value)
{
    if (!g_utf8_validate(text, -1, NULL))
        return FALSE;
    g_autofree char *plain = plain_text(text);
    const char *typed = plain[0] == '+' && plain[1] != '-' ? plain + 1 : plain;
    gsize before = strcspn(typed, ".,");
    g_autofree char *head = g_strndup(typed, before);
    const char *tail = typed + before;
    if (strchr(tail, ' ') != NULL || (strchr(head, ' ') != NULL && !is_grouped(head, ' ')))
        return FALSE;
    remove_sign(head, ' ');
    gboolean ends = tail[0] != '\0' && tail[1] == '\0', begins = strcmp(head, "") == 0 || strcmp(head, "-") == 0; /* "5." and ".5" */
    if (ends && begins)
        return FALSE;
    g_autofree char *number = g_strconcat(head, begins && tail[0] != '\0' ? "0" : "", ends ? "" : tail, NULL);
    if (whole && (is_grouped(number, ',') || is_grouped(number, '.')))
        remove_sign(number, tail[0]);
    g_strdelimit(number, ",", '.');
    double value;
    if (sg_decimal_to_double(number, strlen(number), &value) != SG_OK || !isfinite(value))
        return FALSE;
    *ret_value = value;
    return TRUE;
}

void sg_number_text(double value, guint digits, char *buffer, gsize size)
{
    char text[SG_DECIMAL_BUF];
    if (fabs(value) >= 1e15) {
        sg_decimal_from_double(value, text);
        g_strlcpy(buffer, text, size);
        return;
    }
    sg_decimal_from_double_fixed(value, DECIMALS_MAX, text);
    gsize length = strlen(text), least = length - DECIMALS_MAX + digits;
    while (length > least && text[length - 1] == '0')
        length--;
    length -= text[length - 1] == '.';
    text[length] = '\0';
    g_strlcpy(buffer, strcmp(text, "-0") == 0 ? "0" : text, size);
}

/* ---- the widget ---- */

static struct number *number_of(GtkSpinButton *spin)
{
    return g_object_get_data(G_OBJECT(spin), "sg-number");
}

/* Why it is not taken, as a clause; NULL: it is. */
static char *refusal(GtkSpinButton *spin, const struct number *number, const char *text, double *ret_value)
{
    double value, low, high;
    char least[SG_DECIMAL_BUF], most[SG_DECIMAL_BUF], why[SG_NUMBER_WHY] = "";
    guint digits = gtk_spin_button_get_digits(spin);
    if (!sg_number_of_text(text, digits == 0, &value))
        return g_strdup_printf("\u201c%.40s\u201d is no number", text);
    if (digits == 0 && value != trunc(value))
        return g_strdup_printf("%.40s is no whole number", text);
    gtk_spin_button_get_range(spin, &low, &high);
    if (value < low || value > high) {
        sg_number_text(low, digits, least, sizeof least);
        sg_number_text(high, digits, most, sizeof most);
        return g_strdup_printf("%.40s is out of range, it takes %s to %s", text, least, most);
    }
    if (number->check != NULL && !number->check(value, why, sizeof why, number->check_context))
        return g_strdup_printf("%.40s cannot be, %s", text, why);
    *ret_value = value;
    return NULL;
}

static int on_input(GtkSpinButton *spin, double *ret_value, gpointer data)
{
    struct number *number = data;
    g_autofree char *text = g_strstrip(g_strdup(gtk_editable_get_text(GTK_EDITABLE(spin))));
    g_autofree char *why = refusal(spin, number, text, ret_value);
    if (why == NULL) {
        if (number->is_refused && number->say != NULL)
            number->say(NULL, number->say_context);
        number->is_refused = FALSE;
        return TRUE;
    }
    char kept[SG_DECIMAL_BUF];
    sg_number_text(gtk_spin_button_get_value(spin), gtk_spin_button_get_digits(spin), kept, sizeof kept);
    g_autofree char *sentence = g_strdup_printf("%s: %s. %s stays.", number->name, why, kept);
    number->is_refused = TRUE;
    if (number->say != NULL)
        number->say(sentence, number->say_context);
    *ret_value = gtk_spin_button_get_value(spin);
    return GTK_INPUT_ERROR; /* with the policy "if valid" the old number is shown again */
}

static gboolean on_output(GtkSpinButton *spin, gpointer data)
{
    (void)data;
    char text[SG_DECIMAL_BUF];
    sg_number_text(gtk_spin_button_get_value(spin), gtk_spin_button_get_digits(spin), text, sizeof text);
    if (strcmp(gtk_editable_get_text(GTK_EDITABLE(spin)), text) != 0)
        gtk_editable_set_text(GTK_EDITABLE(spin), text);
    return TRUE;
}

static void number_free(gpointer data)
{
    struct number *number = data;
    g_free(number->name);
    g_free(number);
}

GtkWidget *sg_number_spin_new(double low, double high, double step, guint digits)
{
    GtkWidget *spin = gtk_spin_button_new_with_range(low, high, step);
    struct number *number = g_new0(struct number, 1);
    number->name = g_strdup("Number");
    g_object_set_data_full(G_OBJECT(spin), "sg-number", number, number_free);
    gtk_spin_button_set_digits(GTK_SPIN_BUTTON(spin), digits);
    gtk_spin_button_set_update_policy(GTK_SPIN_BUTTON(spin), GTK_UPDATE_IF_VALID);
    g_signal_connect(spin, "input", G_CALLBACK(on_input), number);
    g_signal_connect(spin, "output", G_CALLBACK(on_output), NULL);
    gtk_spin_button_update(GTK_SPIN_BUTTON(spin));
    return spin;
}

void sg_number_spin_set_say(GtkWidget *spin, const char *name, sg_number_say say, gpointer context)
{
    struct number *number = number_of(GTK_SPIN_BUTTON(spin));
    g_free(number->name);
    number->name = g_strdup(name);
    number->say = say;
    number->say_context = context;
}

void sg_number_spin_set_check(GtkWidget *spin, sg_number_check check, gpointer context)
{
    struct number *number = number_of(GTK_SPIN_BUTTON(spin));
    number->check = check;
    number->check_context = context;
}
